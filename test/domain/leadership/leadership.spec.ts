import { describe, test } from '@jest/globals';
import { ResignLead, TakeLead } from '../../../src/domain/leadership/commands.js';
import { leadershipDecider } from '../../../src/domain/leadership/decide.js';
import { given, wish } from '../../support/given.js';

const take = (holder: string, silentTerm: number | null = null) => wish(TakeLead, { holder, host: 'here', silentTerm });
const taken = (holder: string, from: string | null = null) =>
  ({ type: 'LeadTaken', data: { holder, host: 'here', from } }) as const;

describe('The lead of the orchestrators that share a log', () => {
  test('is taken by the first who asks', () => {
    given(leadershipDecider).when(take('one')).then(taken('one'));
  });

  test('is refused to everyone else while it is held', () => {
    given(leadershipDecider).after(take('one')).when(take('other')).thenRefused('held');
  });

  test('goes to whoever found that very term silent', () => {
    given(leadershipDecider).after(take('one')).when(take('other', 0)).then(taken('other', 'one'));
  });

  test('is not taken twice over the same silence', () => {
    given(leadershipDecider).afterAll(take('one'), take('other', 0)).when(take('third', 0)).thenRefused('held');
  });

  test('stays with its holder through a restart, in the same term', () => {
    given(leadershipDecider).after(take('one')).when(take('one')).thenNothingMore();
  });

  test('is free again once its holder has resigned', () => {
    const resigned = wish(ResignLead, { term: 0 });
    given(leadershipDecider)
      .after(take('one'))
      .when(resigned)
      .then({ type: 'LeadResigned', data: { holder: 'one', term: 0 } });
    given(leadershipDecider).afterAll(take('one'), resigned).when(take('other')).then(taken('other'));
  });

  test('is not resigned for another term', () => {
    const late = wish(ResignLead, { term: 0 });
    given(leadershipDecider).afterAll(take('one'), take('other', 0)).when(late).thenNothingMore();
  });
});
