import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import type { BuiltOrchestrator } from '../../support/built/built-orchestrator.js';
import { ServerProcess } from '../../support/eventstore/server-process.js';
import type { WorkItem } from '../../support/running/work-item.js';
import { World } from '../../support/running/world.js';
import { temporaryFolders } from '../../support/temporary-folder.js';
import { until } from '../../support/until.js';

const MS_MAX = 300_000;
const folder = temporaryFolders();

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads what it expects of an event
type Fact = RecordedEvent & { readonly data: any };

describe('two hosts of one log, of which first the stand-by is killed and then the leader', () => {
  let server: ServerProcess;
  let world: World;
  let other: BuiltOrchestrator;
  let items: readonly WorkItem[];
  let frozen: unknown;
  let takenOverMs: number;
  const names: string[] = [];

  const events = async () => (await world.events()) as readonly Fact[];
  const claimsOf = async (worker: string | undefined) =>
    (await events()).filter(({ type, data }) => type === 'JobClaimed' && data.worker === worker);
  const isOver = (story: readonly Fact[], runId: unknown) =>
    story.some(({ type, data }) => ['RunEnded', 'JobReaped'].includes(type) && data.runId === runId);
  /** A run that is under way on the host. */
  const aRunOn = async (worker: string | undefined, agent: string): Promise<string> => {
    let found: string | undefined;
    await until(
      async () => {
        const story = await events();
        const started = story.filter(({ type, data }) => type === 'RunStarted' && !isOver(story, data.runId));
        const claims = (await claimsOf(worker)).filter(({ data }) => data.agent === agent);
        found = started.find(({ data }) => claims.some((claim) => claim.data.runId === data.runId))?.data.runId;
        return found !== undefined;
      },
      `a ${agent} runs on ${worker}`,
      90_000,
    );
    return found as string;
  };
  const isReaped = async (runId: string) => {
    const story = async () => (await events()).filter(({ data }) => data.runId === runId).map(({ type }) => type);
    await until(async () => (await story()).includes('JobReaped'), 'it is reaped', 60_000).catch(
      async (error: unknown) => {
        throw new Error(`${(await story()).join(', ')}, and no more`, { cause: error });
      },
    );
  };

  beforeAll(async () => {
    const home = await folder();
    server = await ServerProcess.start();
    const projects = ['a', 'b'].map((letter) => ({ prefix: `S${letter.toUpperCase()}`, repo: `sandbox-${letter}` }));
    const settings = {
      ...{ ORCH_EVENT_LOG: 'eventstoredb', ORCH_EVENTSTORE_URL: server.url, ORCH_LEADER_LEASE_S: '2' },
      ...{ ORCH_REAPER_INTERVAL_S: '0.3', ORCH_JOB_BACKOFF_BASE_S: '0.1', ORCH_JOB_MAX_ATTEMPTS: '4' },
    };
    world = await World.start(home, settings, { projects });
    await mkdir(join(home, 'other'));
    other = await world.another(join(home, 'other'));
    await until(
      () => world.service.output.includes('can be given 1 job(s)'),
      'the leader hears the other host',
      60_000,
    );
    frozen = await freezeThrough(other, world.service);
    items = await Promise.all(
      projects.map(({ repo }) =>
        world.startItem(
          `A promotion in ${repo}`,
          'Everybody gets it. [[developer: sleep 4s]] [[tester: sleep 4s]]',
          repo,
        ),
      ),
    );
    await until(
      async () => new Set((await events()).flatMap((e) => (e.type === 'JobClaimed' ? [e.data.worker] : []))).size === 2,
      'both hosts are given a job',
      60_000,
    );
    names.push(...new Set((await events()).flatMap((e) => (e.type === 'LeadTaken' ? [e.data.holder] : []))));
    names.push(
      ...new Set(
        (await events()).flatMap((e) => (e.type === 'JobClaimed' && e.data.worker !== names[0] ? [e.data.worker] : [])),
      ),
    );
    for (const item of items) await item.isApproved();

    const onOther = await aRunOn(names[1], 'developer');
    await other.stop('SIGKILL');
    await isReaped(onOther);
    other = await world.another(join(home, 'other'));

    const onLeader = await aRunOn(names[0], 'tester');
    await world.kill();
    const killedAt = performance.now();
    await until(() => /"msg":"leads in term \d+, after/.test(other.output), 'the other one takes over', 60_000);
    takenOverMs = performance.now() - killedAt;
    await isReaped(onLeader);
    for (const item of items) {
      await item.reaches('done');
      await item.happens('NotificationDelivered', ({ text }) => text.includes('done.'), 'the end is told');
    }
  }, MS_MAX);

  afterAll(async () => {
    await other.stop();
    await world.end();
    await server.stop();
  }, MS_MAX);

  test('agents run on both hosts, and what ran on either reaches the forge from there', async () => {
    const succeeded = (await events()).filter(({ type }) => type === 'JobSucceeded').map(({ data }) => data.runId);
    for (const name of names) {
      const runs = (await claimsOf(name)).map(({ data }) => data.runId);
      expect(runs.filter((runId) => succeeded.includes(runId)).length).toBeGreaterThan(0);
    }
    expect(names).toHaveLength(2);
  });

  test('no host has more agents than it has room for', async () => {
    const running = new Map<string, Set<string>>(names.map((name) => [name, new Set()]));
    for (const { type, stream, data } of await events()) {
      if (type === 'JobClaimed') {
        running.get(data.worker)?.add(stream);
        expect(running.get(data.worker)?.size).toBe(1);
      }
      if (['RunEnded', 'JobRequeued', 'JobSucceeded', 'JobFailed'].includes(type))
        for (const jobs of running.values()) jobs.delete(stream);
    }
  });

  test('the run of a host that died is reaped for its silence, and its job is claimed where somebody is', async () => {
    const reaped = (await events()).filter(({ type }) => type === 'JobReaped');
    expect(reaped.length).toBeGreaterThanOrEqual(2);
    for (const { stream, position, data } of reaped) {
      expect(data.reason).toContain('nothing is heard of its host');
      const next = (await events()).find(
        (event) => event.type === 'JobClaimed' && event.stream === stream && event.position > position,
      );
      expect(next).toBeDefined();
    }
  });

  test('the lead is taken over within ten seconds', () => expect(takenOverMs).toBeLessThan(10_000));

  test('a stand-by takes operator commands, and whoever leads knows', () => {
    expect(frozen).toEqual({ repo: 'sandbox-a', frozen: true, reason: 'a look' });
  });

  test('nothing was done to the world twice', async () => {
    const stages = ['analysis', 'architecture', 'development', 'review', 'testing', 'deploy-staging', 'deploy', 'done'];
    for (const item of items) {
      expect(await item.course()).toEqual(stages);
      expect(await item.events('ChangeMerged')).toHaveLength(1);
      const comments = await item.comments();
      expect(comments.filter((text) => text.includes('done.'))).toHaveLength(1);
      expect(comments.filter((text) => text.includes('approv'))).toHaveLength(1);
    }
    const productions = (await events()).filter(
      ({ type, data }) => type === 'DeployRequested' && data.environment === 'production',
    );
    expect(productions).toHaveLength(2);
    expect((await world.git('rev-list', '--merges', 'main')).split('\n')).toHaveLength(1);
  });
});

/** Freezes through one orchestrator, asks the other, and unfreezes. */
async function freezeThrough(standBy: BuiltOrchestrator, leader: BuiltOrchestrator): Promise<unknown> {
  const post = (what: string, body: object) =>
    fetch(`${standBy.url}/serial-gate/${what}?repo=sandbox-a`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    });
  const { repo, frozen, reason } = (await (await post('freeze', { reason: 'a look' })).json()) as Record<
    string,
    unknown
  >;
  await until(async () => {
    const queue = (await (await fetch(`${leader.url}/queue`)).json()) as {
      serial_gate: { per_repo: Record<string, { frozen: boolean }> };
    };
    return queue.serial_gate.per_repo['sandbox-a']?.frozen === true;
  }, 'the leader shows the freeze');
  await post('unfreeze', {});
  return { repo, frozen, reason };
}
