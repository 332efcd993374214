import { request } from 'undici';
import type { SandboxCoordinates } from './coordinates.js';

export interface CreatedItem {
  readonly itemId: string;
  readonly sequenceId: number;
  /** `SBX-001` */
  readonly workItem: string;
}

/** What a person does in the tracker, through the tracker's own interface and with an account of their own. */
export interface Person {
  /** In the status that is named, or in the first one of the project. */
  createItem(title: string, description?: string, statusName?: string): Promise<CreatedItem>;
  setStatus(itemId: string, statusName: string): Promise<void>;
  comment(itemId: string, text: string): Promise<void>;
  statusOf(itemId: string): Promise<string>;
}

export class TrackerSaidNo extends Error {
  constructor(what: string, status: number, body: string) {
    super(`The sandbox tracker answered ${what} with ${status}: ${body}`);
    this.name = 'TrackerSaidNo';
  }
}

export function personIn(coordinates: SandboxCoordinates, project = coordinates.projects[0]): Person {
  if (!project) throw new TrackerSaidNo('a person without a project', 404, 'the sandbox has no such project');
  const tracker = new TrackerCalls(coordinates, project.planeProjectId);
  return {
    createItem: async (title, description = '', statusName) => {
      const state = statusName === undefined ? {} : { state: await tracker.statusId(statusName) };
      const item = await tracker.call('POST', 'work-items/', {
        name: title,
        description_html: paragraphs(description),
        ...state,
      });
      const sequenceId = Number(item['sequence_id']);
      const workItem = `${project.prefix}-${String(sequenceId).padStart(3, '0')}`;
      return { itemId: String(item['id']), sequenceId, workItem };
    },
    setStatus: async (itemId, statusName) => {
      await tracker.call('PATCH', `work-items/${itemId}/`, { state: await tracker.statusId(statusName) });
    },
    comment: async (itemId, text) => {
      await tracker.call('POST', `work-items/${itemId}/comments/`, { comment_html: paragraphs(text) });
    },
    statusOf: async (itemId) => {
      const item = await tracker.call('GET', `work-items/${itemId}/?expand=state`);
      return String((item['state'] as Record<string, unknown>)['name']);
    },
  };
}

class TrackerCalls {
  constructor(
    private readonly coordinates: SandboxCoordinates,
    private readonly project: string,
  ) {}

  async call(method: 'GET' | 'POST' | 'PATCH', path: string, body?: object): Promise<Record<string, unknown>> {
    const { trackerUrl, workspace, tokens } = this.coordinates;
    const url = `${trackerUrl}/api/v1/workspaces/${workspace}/projects/${this.project}/${path}`;
    const headers = { 'X-API-Key': tokens.trackerPerson, 'Content-Type': 'application/json' };
    const answer = await request(url, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new TrackerSaidNo(`${method} ${path}`, answer.statusCode, text);
    return JSON.parse(text) as Record<string, unknown>;
  }

  async statusId(name: string): Promise<string> {
    const { results } = await this.call('GET', 'states/');
    const found = (results as Record<string, unknown>[]).find((status) => status['name'] === name);
    if (!found) throw new TrackerSaidNo(`the status ${name}`, 404, 'the project has no such status');
    return String(found['id']);
  }
}

function paragraphs(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped
    .split('\n')
    .map((line) => `<p>${line}</p>`)
    .join('');
}
