/** The built sandbox as a child of a test, which tells it over the channel which switches to throw. */
import { startSandbox } from '../../../dist/sandbox/sandbox.js';

let sandbox;

const ORDERS = {
  start: async (options) => {
    sandbox = await startSandbox(options);
    return sandbox.coordinates;
  },
  /** A pattern stands for the requests that it fits, as `GET /api/v1/…`: a predicate cannot cross to another process. */
  fault: (server, name, ...given) => sandbox[server].faults[name](...given.map(asPredicate)),
  conflictsAnswer: (status) => (sandbox.forge.settings.conflictsAnswer = status),
  failNextDeploy: (...given) => sandbox.failNextDeploy(...given),
  itemsInTracker: () => sandbox.tracker.state.items.length,
  makeSick: (...given) => sandbox.environments.makeSick(...given),
};

process.on('message', async ({ id, order, given }) => {
  try {
    process.send({ id, answer: await ORDERS[order](...given) });
  } catch (error) {
    process.send({ id, failure: String(error.stack ?? error) });
  }
});
// Whoever gave the orders has closed the channel, or is gone.
process.on('disconnect', () => void Promise.resolve(sandbox?.close()).finally(() => process.exit(0)));

function asPredicate(given) {
  return given instanceof RegExp ? (method, path) => given.test(`${method} ${path}`) : given;
}
