import type { NotificationDelivered } from '../../../src/domain/notification/events.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import type { Stage } from '../../../src/kernel/pipeline/stage.js';
import { personIn, type Person } from '../../../src/sandbox/person.js';
import type { SandboxProject } from '../../../src/sandbox/project.js';
import { until } from '../until.js';
import type { World } from './world.js';

const WAIT_MS_MAX = 120_000;
const LOOK_AGAIN_MS = 25;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads what it expects of an event
type Facts = any;
type Fact = RecordedEvent & { readonly data: Facts };

interface Identity {
  readonly name: string;
  readonly itemId: string;
  /** The first one of the sandbox, unless another is named. */
  readonly project?: SandboxProject | undefined;
}

/** One item of the tracker and the task that came of it. */
export class WorkItem {
  readonly name: string;
  private readonly itemId: string;
  private readonly project: SandboxProject | undefined;

  constructor(
    private readonly world: World,
    { name, itemId, project }: Identity,
  ) {
    this.project = project;
    this.name = name;
    this.itemId = itemId;
  }

  private get person(): Person {
    return personIn(this.world.sandbox.coordinates, this.project);
  }

  moveTo(status: string): Promise<void> {
    return this.person.setStatus(this.itemId, status);
  }

  status(): Promise<string> {
    return this.person.statusOf(this.itemId);
  }

  comment(text: string): Promise<void> {
    return this.person.comment(this.itemId, text);
  }

  /** The texts under the item, oldest first. */
  async comments(): Promise<readonly string[]> {
    const { trackerUrl, workspace, tokens, ...first } = this.world.sandbox.coordinates;
    const projectId = this.project?.planeProjectId ?? first.projectId;
    const url = `${trackerUrl}/api/v1/workspaces/${workspace}/projects/${projectId}/work-items/${this.itemId}/comments/`;
    const answer = await fetch(url, { headers: { 'x-api-key': tokens.trackerPerson } });
    const { results } = (await answer.json()) as { results: { comment_html: string; created_at: string }[] };
    const byAge = [...results].sort((a, b) => a.created_at.localeCompare(b.created_at));
    return byAge.map((comment) => comment.comment_html);
  }

  /** What GraphQL says of the task. */
  async task(fields: string): Promise<Facts> {
    const query = `query ($workItem: String!) { task(workItem: $workItem) { ${fields} } }`;
    const answer = await fetch(`${this.world.service.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { workItem: this.name } }),
    });
    const { data, errors } = (await answer.json()) as { data?: { task: Facts }; errors?: unknown };
    if (!data || errors) throw new Error(JSON.stringify(errors));
    return data.task;
  }

  async events(type?: string): Promise<readonly Fact[]> {
    const all = await this.world.events();
    const own = all.filter(({ metadata }) => metadata.$correlationId === this.name);
    return type === undefined ? own : own.filter((event) => event.type === type);
  }

  /** The stages in the order in which they were entered. */
  async course(): Promise<readonly Stage[]> {
    const moves = (await this.events()).filter(({ type }) => ['TaskAdvanced', 'TaskSentBack'].includes(type));
    return moves.map(({ data }) => data.to as Stage);
  }

  async reaches(stage: Stage): Promise<void> {
    await this.happens('TaskAdvanced', ({ to }) => to === stage, `it reaches ${stage}`);
  }

  /** Waits for the first event of the type that fits, and gives it back. */
  async happens(type: string, fits: (data: Facts) => boolean = () => true, what = `${type} happens`): Promise<Fact> {
    return this.awaited(async () => (await this.events(type)).find(({ data }) => fits(data)), what);
  }

  /** Waits for as many events of the type, and gives the last of them back. */
  async happensTimes(type: string, times: number): Promise<Fact> {
    return this.awaited(async () => (await this.events(type))[times - 1], `${type} happens ${times} times`);
  }

  private async awaited(look: () => Promise<Fact | undefined>, what: string): Promise<Fact> {
    let found: Fact | undefined;
    const looked = async (): Promise<boolean> => {
      found = await look();
      if (!found) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      return found !== undefined;
    };
    await until(looked, `${this.name}: ${what}`, WAIT_MS_MAX).catch((error: unknown) => this.explain(error));
    return found as Fact;
  }

  /** Says yes once the item shows the question, as a person would. */
  async isApproved(): Promise<void> {
    const asks = ({ channel, text }: NotificationDelivered['data']) =>
      channel === 'item-status' && text === 'In Review';
    await this.happens('NotificationDelivered', asks, 'the item asks for approval');
    await this.moveTo('Approved');
  }

  /** A wait that was in vain is explained by what happened instead. */
  private async explain(error: unknown): Promise<never> {
    const story = (await this.events())
      .slice(-15)
      .map(({ type, data }) => `${type} ${JSON.stringify(data).slice(0, 200)}`);
    throw new Error(`${(error as Error).message}; last of all:\n${story.join('\n')}`, { cause: error });
  }
}
