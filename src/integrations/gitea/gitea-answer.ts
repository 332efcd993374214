import { mayPass, retryAfterMsOf } from '../wire/json-http.js';
import type { HttpAnswer } from '../wire/json-http.js';
import { ForgeRefused, ForgeUnavailable } from '../forge.js';
import { textIn } from '../wire/untrusted.js';

const COMPLAINT_CHARS_MAX = 300;

/** The answer if it is a good one; every other answer becomes one sentence that says what was asked and what was said. */
export function goodAnswer(call: string, answer: HttpAnswer): HttpAnswer {
  const { status, body } = answer;
  if (status >= 200 && status < 300 && body !== undefined) return answer;
  const sentence = `${call} was answered with ${status}: ${complaintIn(body)}${adviceFor(status)}`;
  if (mayPass(status) || body === undefined) throw new ForgeUnavailable(sentence, retryAfterMsOf(answer, Date.now()));
  throw new ForgeRefused(sentence, status);
}

/** The message is empty in a 500 for everybody but site administrators. */
export function complaintIn(body: unknown): string {
  const said = body === undefined ? 'something that is not JSON' : textIn(body, 'message');
  return (said ?? 'no reason was given').slice(0, COMPLAINT_CHARS_MAX);
}

function adviceFor(status: number): string {
  if (status === 401) return '; check ORCH_GITEA_TOKEN';
  if (status === 403) return '; check the scopes of ORCH_GITEA_TOKEN and the rights of its account';
  if (status >= 300 && status < 400) return '; check ORCH_GITEA_URL';
  return '';
}
