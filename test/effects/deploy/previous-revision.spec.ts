import { expect, test } from '@jest/globals';
import { act, calm, play } from '../../support/interleaved/acts.js';
import { lived } from '../../support/interleaved/lives.js';

test('a second deploy is told what the first one brought to production', async () => {
  const yard = await lived({ begins: 'confirmed', acts: [] });
  const production = () => yard.around.hosts.begun.filter(({ environment }) => environment === 'production');
  expect(production()).toMatchObject([{ previous: '', exitCode: 0 }]);
  // The default branch has moved by the first one, so the second is staged and asked for anew before it counts.
  for (const answer of ['confirm', 'confirm'] as const) {
    await play(yard, act(answer, 1));
    await calm(yard);
  }
  const [first, second] = production();
  expect(second).toMatchObject({ previous: first?.revision, exitCode: 0 });
  expect(second?.revision).not.toBe(first?.revision);
});
