import { element } from './page.js';

/** Fields of a watch that its line shows. */
export const WATCH = `workItem isRollback until checks checksTotal checksFailed checksUnmeasured checksMissed
  failedInRow threshold lastAnswer lastDetail status action actionReason reason endedAt`;

/** What production is, as far as anybody looked since the last deploy. */
export function drawWatch(place, watch) {
  const facts = JSON.stringify(watch);
  if (place.dataset.facts === facts) return;
  place.dataset.facts = facts;
  place.dataset.watch = watch ? (watch.status ?? 'WATCHING') : 'NONE';
  place.replaceChildren(...partsOf(watch));
}

function partsOf(watch) {
  if (!watch) return [];
  return watch.status === null ? underWay(watch) : over(watch);
}

function underWay(watch) {
  const { workItem, isRollback, until, checks, checksTotal, lastAnswer, lastDetail, failedInRow, threshold } = watch;
  const made = checksTotal + watch.checksMissed;
  const row = failedInRow > 0 ? `, ${failedInRow} of ${threshold} failures in a row` : '';
  const last = lastAnswer === null ? '' : `, last: ${lastDetail}${row}`;
  const title = `${counts(watch)}; until ${until}`;
  return [
    element('progress', { max: checks, value: made, title, 'aria-label': `Checks of production after ${workItem}` }),
    `production is watched after ${isRollback ? 'the rollback of ' : ''}${workItem}: ${made} of ${checks} checks${last}`,
  ];
}

function over(watch) {
  const { workItem, isRollback, status, action, actionReason, reason, endedAt } = watch;
  const about = `after ${isRollback ? 'the rollback of ' : ''}${workItem}`;
  const what = actionReason ? ` (${action}: ${actionReason})` : '';
  return [
    element('b', { title: `${counts(watch)}; ended ${endedAt}` }, status),
    `production ${about}${what}${status === 'HEALTHY' ? '' : `: ${reason}`}`,
  ];
}

function counts({ checksTotal, checksFailed, checksUnmeasured, checksMissed }) {
  return `${checksTotal} checks made, ${checksFailed} failed, ${checksUnmeasured} not possible, ${checksMissed} missed`;
}
