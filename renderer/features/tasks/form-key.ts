/**
 * The idempotency key of a form: the same content keeps its key, so that pressing the button again after a lost
 * connection gives the same task back; content that was changed after it was sent is something else, with a key of
 * its own.
 */
export function createFormKey(newKey: () => string): (content: unknown) => string {
  let sent = '';
  let key = '';
  return (content) => {
    const now = JSON.stringify(content);
    if (now !== sent || key === '') key = newKey();
    sent = now;
    return key;
  };
}
