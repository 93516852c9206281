const TWO_MINUTES = 120_000;
const MINUTE = 60_000;
const DAY = 86_400_000;

/** What the model knows of a code: told in other words than the code under test. */
export interface Code {
  readonly madeAt: number;
  readonly keys: Set<string>;
  guesses: number;
  isOver: boolean;
  isForgotten: boolean;
}

/** Says of every handshake what must become of it, by the rules as a person would say them. */
export function createCodeOracle(at: () => number, revoked: ReadonlySet<string>) {
  const codes: Code[] = [];
  let shakes: number[] = [];
  let alarmsDue = 0;

  const isLive = (code: Code) => !code.isOver && !code.isForgotten && at() < code.madeAt + TWO_MINUTES;
  const isRemembered = (code: Code) => !code.isForgotten && at() - code.madeAt - TWO_MINUTES <= DAY;
  const endAll = () => {
    for (const code of codes) code.isOver = true;
  };

  return {
    codes,
    alarmsDue: () => alarmsDue,
    endAll,
    make() {
      endAll();
      codes.push({ madeAt: at(), keys: new Set(), guesses: 0, isOver: false, isForgotten: false });
    },
    restart() {
      for (const code of codes) code.isForgotten = true;
      shakes = [];
    },
    /** Ten handshakes in a minute are looked at. */
    mayShake(): boolean {
      shakes = shakes.filter((time) => time > at() - MINUTE);
      if (shakes.length >= 10) return false;
      shakes.push(at());
      return true;
    },
    /** Whether the host must let this key ask. */
    judge(code: Code, key: string, knowsSecret: boolean): boolean {
      const usedBy = [...code.keys][0];
      if (isLive(code) && knowsSecret && !revoked.has(key) && (usedBy ?? key) === key) {
        code.keys.add(key);
        return true;
      }
      const isSecond = isRemembered(code) && usedBy !== undefined && usedBy !== key;
      // A revoked key that knows the secret of a live code is turned away before the code is looked at.
      if (isSecond && !(knowsSecret && isLive(code) && revoked.has(key))) alarmsDue += 1;
      if (isLive(code) && !knowsSecret && usedBy === undefined) {
        code.guesses += 1;
        if (code.guesses >= 3) code.isOver = true;
      }
      return false;
    },
  };
}
