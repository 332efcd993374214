import { mayPass } from '../wire/json-http.js';
import type { HttpAnswer } from '../wire/json-http.js';
import { TrackerRefused, TrackerUnavailable } from '../tracker.js';
import { isRecord, textIn } from '../wire/untrusted.js';

const COMPLAINT_CHARS_MAX = 300;

/** The body of a good answer; every other answer becomes one sentence that says what was asked and what was said. */
export function bodyOf(call: string, answer: HttpAnswer, retryAfterMs: number | null): unknown {
  const { status, body } = answer;
  if (status >= 200 && status < 300) {
    if (typeof body === 'object' && body !== null) return body;
    throw new TrackerUnavailable(`${call} was answered with ${status} and something that is not JSON`);
  }
  const sentence = `${call} was answered with ${status}: ${complaintIn(body)}${adviceFor(status)}`;
  if (mayPass(status) || !isFromPlane(answer)) throw new TrackerUnavailable(sentence, retryAfterMs);
  throw new TrackerRefused(sentence, status);
}

/**
 * A 404 that is a web page comes from something in front of Plane, or from a wrong address; it must not be taken for
 * the tracker saying that an item is gone.
 */
function isFromPlane({ status, body }: HttpAnswer): boolean {
  return status !== 404 || isRecord(body);
}

/** Errors come as `{error}`, `{detail}`, `{error_message}` or `{field: [complaints]}`. */
export function complaintIn(body: unknown): string {
  const said = textIn(body, 'error') ?? textIn(body, 'detail') ?? textIn(body, 'error_message') ?? fieldComplaint(body);
  return (said ?? 'no reason was given').slice(0, COMPLAINT_CHARS_MAX);
}

function fieldComplaint(body: unknown): string | null {
  if (!isRecord(body)) return null;
  const [field, complaint] = Object.entries(body).find(([, value]) => Array.isArray(value)) ?? [];
  if (field === undefined) return null;
  const text = (complaint as unknown[]).map(String).join(' ');
  return field === 'non_field_errors' ? text : `${field}: ${text}`;
}

function adviceFor(status: number): string {
  if (status === 401 || status === 403) return '; check ORCH_PLANE_API_TOKEN and the membership of its account';
  if (status >= 300 && status < 400) return '; check ORCH_PLANE_URL';
  return '';
}
