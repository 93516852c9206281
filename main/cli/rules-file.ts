import { isMap, isNode, isSeq, LineCounter, parseDocument } from 'yaml';
import * as z from 'zod';
import { describeIssues } from '../../contract/errors.ts';
import { Rule } from '../../contract/policy.ts';
import { openConfig } from '../kernel/config.ts';
import { wrongWith } from '../services/approvals/rule-tests.ts';
import { usage } from './failure.ts';

const Rules = z.array(Rule).max(1000);
const RulesFile = z.strictObject({ rules: Rules }).transform(({ rules }) => rules);

/**
 * The rules of a file: a config.yaml, a map with `rules`, or a list of rules.
 * @param text what is in the file
 * @throws Failure or HostError `invalid_input` that says where and what
 */
export function readRules(file: string, text: string): Rule[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const isMapOfRules = isMap(document.contents) && document.has('rules');
  if (document.errors.length > 0 || !(isSeq(document.contents) || isMapOfRules)) {
    return openConfig(file, wrongWith).value.policy.rules;
  }
  const parsed = (isMapOfRules ? RulesFile : Rules).safeParse(document.toJS());
  if (!parsed.success) throw usage(`${file}: ${describeIssues(parsed.error)}`);
  const wrong = wrongWith(parsed.data);
  if (wrong) {
    const at = document.getIn([...(isMapOfRules ? ['rules'] : []), ...wrong.path], true);
    const line = isNode(at) && at.range ? lines.linePos(at.range[0]).line : 1;
    throw usage(`${file}:${line}: ${wrong.message}`);
  }
  return parsed.data;
}
