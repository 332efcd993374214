import { afterEach, describe, expect, test } from '@jest/globals';
import { NotifierRefused, NotifierUnavailable } from '../../../src/integrations/notifier.js';
import { TelegramNotifier } from '../../../src/integrations/telegram/telegram-notifier.js';
import { play } from '../played-server.js';
import type { PlayedAnswer, PlayedServer } from '../played-server.js';

const TOKEN = '123456:secret';

let server: PlayedServer;
afterEach(() => server?.close());

async function notifierThatGets(answer: PlayedAnswer): Promise<TelegramNotifier> {
  server = await play(() => answer);
  return new TelegramNotifier({ botToken: TOKEN, chatId: '-100', apiUrl: `${server.url}/` });
}

const sent: PlayedAnswer = { status: 200, body: { ok: true, result: { message_id: 1 } } };
const failure = (asked: Promise<unknown>): Promise<NotifierUnavailable> =>
  asked.then(
    () => new NotifierUnavailable('sent'),
    (error: unknown) => error as NotifierUnavailable,
  );

describe('a message to the chat', () => {
  test('goes to the configured server, bot and chat, as plain text [TG-16]', async () => {
    const notifier = await notifierThatGets(sent);
    expect(notifier.enabled).toBe(true);
    await notifier.send('SBX-001: <b>moved</b> to *review*');
    expect(server.seen[0]?.path).toBe(`/bot${TOKEN}/sendMessage`);
    expect(server.seen[0]?.body).toMatchObject({ chat_id: '-100', text: 'SBX-001: <b>moved</b> to *review*' });
    for (const key of ['parse_mode', 'reply_markup']) expect(server.seen[0]?.body).not.toHaveProperty(key);
  });

  test('that is too long is cut, not refused', async () => {
    const notifier = await notifierThatGets(sent);
    await notifier.send('x'.repeat(5_000));
    expect(server.seen[0]?.body.text).toHaveLength(4_096);
  });

  test('that comes too soon says after which time to come back', async () => {
    const parameters = { retry_after: 7 };
    const notifier = await notifierThatGets({
      status: 429,
      body: { ok: false, error_code: 429, description: 'Too Many Requests: retry after 7', parameters },
    });
    expect(await failure(notifier.send('x'))).toMatchObject({ retryAfterMs: 7_000 });
  });

  test.each([
    [401, 'Unauthorized', 'check ORCH_TELEGRAM_BOT_TOKEN'],
    [400, 'Bad Request: chat not found', 'check ORCH_TELEGRAM_CHAT_ID'],
    [403, 'Forbidden: bot was kicked from the group chat', 'check ORCH_TELEGRAM_CHAT_ID'],
  ])('that is answered with %i says why and what to check', async (code, description, advice) => {
    const notifier = await notifierThatGets({ status: code, body: { ok: false, error_code: code, description } });
    const error = await failure(notifier.send('x'));
    expect(error).toBeInstanceOf(NotifierRefused);
    expect(error.message).toContain(description);
    expect(error.message).toContain(advice);
  });

  test.each([
    ['is not there', null],
    ['speaks nonsense', { status: 502, body: '<html>' }],
  ])('to a server that %s fails without showing the token', async (_what, answer) => {
    const notifier = await notifierThatGets(answer ?? sent);
    if (answer === null) await server.close();
    const error = await failure(notifier.send('x'));
    expect(error).toBeInstanceOf(NotifierUnavailable);
    expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain('secret');
  });
});

describe('without a bot', () => {
  test.each([
    [null, '-100'],
    [TOKEN, null],
    ['', '-100'],
  ])('nobody can be told (token %j, chat %j)', async (botToken, chatId) => {
    const notifier = new TelegramNotifier({ botToken, chatId, apiUrl: 'https://api.telegram.org' });
    expect(notifier.enabled).toBe(false);
    expect((await failure(notifier.send('x'))).message).toContain('set ORCH_TELEGRAM_BOT_TOKEN');
  });
});
