import type { RecordedEvent } from '../../../src/kernel/event.js';
import type { FreezeRow } from '../../../src/projections/admission/freezes.js';
import type { DeployRow } from '../../../src/projections/deploy/deploys.js';
import type { OpenEffectRow } from '../../../src/projections/effect/open-effects.js';
import { foldPage } from '../../../src/projections/engine/fold.js';
import type { AnyReadModel, Key } from '../../../src/projections/engine/read-model.js';
import type { ItemRow } from '../../../src/projections/inbox/items.js';
import type { MergeLeaseRow } from '../../../src/projections/merge-lease/merge-leases.js';
import type { WatchRow } from '../../../src/projections/post-deploy/watches.js';
import { READ_MODELS } from '../../../src/projections/read-models.js';
import type { TaskRow } from '../../../src/projections/task/tasks.js';
import type { Work } from '../../../src/projections/work.js';

/** The real read models, folded into memory: a file for each of some hundred lives would take longer than the lives. */
export class Tables {
  position = 0;
  private readonly rows = new Map(READ_MODELS.map(({ table }) => [table, new Map<Key, object>()]));

  apply(events: readonly RecordedEvent[]): void {
    for (const model of READ_MODELS) {
      const heard = events.filter(({ type }) => model.listensTo.includes(type));
      if (heard.length > 0) this.fold(model, heard);
    }
    this.position = events.at(-1)?.position ?? this.position;
  }

  private fold(model: AnyReadModel, events: readonly RecordedEvent[]): void {
    const rows = this.rows.get(model.table) ?? new Map<Key, object>();
    for (const [key, row] of foldPage<object>(model, events, rows)) {
      if (row === undefined) rows.delete(key);
      else rows.set(key, row);
    }
  }

  all<Row>(table: string): Row[] {
    return [...(this.rows.get(table)?.values() ?? [])] as Row[];
  }

  /** What `Work` says, of these rows; a test compares the two. */
  work(): Work {
    const tasks = () => this.all<TaskRow>('tasks').sort((a, b) => a.id - b.id);
    const unfinished = () => tasks().filter(({ stage }) => stage !== 'done' && stage !== 'cancelled');
    const answers = {
      openEffects: () => this.all<OpenEffectRow>('open_effects').sort((a, b) => a.position - b.position),
      task: (id: number) => tasks().find((row) => row.id === id) ?? null,
      taskOf: (name: string) => tasks().findLast((row) => row.work_item_id === name) ?? null,
      unfinishedTasks: unfinished,
      deploy: (id: number) => this.all<DeployRow>('deploys').find((row) => row.id === id) ?? null,
      productionUnderWay: (repo: string) => this.production(repo).find((row) => row.finished_at === null)?.id ?? null,
      verifiedInProduction: (repo: string) => this.verified(repo),
      freezesOf: (repo: string) => this.freezes(repo),
      mergeLeases: () => this.all<MergeLeaseRow>('merge_leases').sort((a, b) => (a.repo < b.repo ? -1 : 1)),
      item: (id: string) => this.all<ItemRow>('items').find((row) => row.id === id) ?? null,
      dependenciesOf: () => [],
      openEdges: () => [],
    };
    return asynchronous(answers) as unknown as Work;
  }

  /** Newest first. */
  private production(repo: string): readonly DeployRow[] {
    const deploys = this.all<DeployRow>('deploys').filter((row) => row.repo === repo);
    return deploys.filter(({ environment }) => environment === 'production').sort((a, b) => b.id - a.id);
  }

  private verified(repo: string) {
    const isBad = (id: number) =>
      this.all<WatchRow>('post_deploy_watches').some((row) => row.deploy_id === id && row.status === 'DEGRADED');
    const found = this.production(repo).find(({ id, verdict }) => verdict === 'SUCCESS' && !isBad(id));
    return found ? { head: found.head, codeTree: found.code_tree } : null;
  }

  private freezes(repo: string): readonly FreezeRow[] {
    const causes = this.all<FreezeRow>('repo_freeze').filter((row) => row.repo === repo && row.cleared_at === null);
    return causes.sort((a, b) => a.position - b.position);
  }
}

type Answers = Readonly<Record<string, (...asked: never[]) => unknown>>;

function asynchronous(answers: Answers): object {
  const asked = Object.entries(answers).map(([name, answer]) => [
    name,
    (...given: never[]) => Promise.resolve(answer(...given)),
  ]);
  return Object.fromEntries(asked) as object;
}
