import { Logger } from '@nestjs/common';
import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config/load-config.js';
import { createLog } from '../../src/telemetry/log.js';
import { NestLog } from '../../src/telemetry/nest-log.js';
import { temporaryFolders } from '../support/temporary-folder.js';

const folder = temporaryFolders();

const TOKEN = 'bot"123\\token/ä';

/** What a logger of another zone writes, and what comes out of the process. */
async function written(write: (logger: Logger) => void, variables: Record<string, string> = {}): Promise<string[]> {
  const settings = { ORCH_LOG_FORMAT: 'json', ORCH_TELEGRAM_BOT_TOKEN: TOKEN, ORCH_TELEGRAM_CHAT_ID: '1' };
  const config = loadConfig({ ...settings, ...variables }, await folder());
  const lines: string[] = [];
  const sink = new NestLog(createLog(config, { write: (line) => void lines.push(line) }));
  const logger = new Logger('effects');
  Object.defineProperty(logger, 'localInstance', { value: sink });
  write(logger);
  return lines;
}

async function line(write: (logger: Logger) => void): Promise<Record<string, unknown>> {
  const [first = '{}'] = await written(write);
  return JSON.parse(first) as Record<string, unknown>;
}

describe('the log', () => {
  test('a line names its level, its time and the zone that speaks', async () => {
    expect(await line((logger) => logger.warn('DeployRequested of deploy-7: the hook is missing'))).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      logger: 'orchestrator.effects',
      msg: 'DeployRequested of deploy-7: the hook is missing',
    });
  });

  test('an error comes with its kind, its stack and what caused it', async () => {
    const error = new TypeError('no such branch', { cause: new RangeError('of the forge') });
    expect(await line((logger) => logger.error('Given up', error))).toMatchObject({
      level: 'error',
      logger: 'orchestrator.effects',
      msg: 'Given up',
      err: { type: 'TypeError', message: 'no such branch', stack: expect.any(String), cause: { type: 'RangeError' } },
    });
  });

  test('facts beside the sentence become fields of the line', async () => {
    const fields = await line((logger) => logger.log({ job_id: 7 }));
    expect(fields).toMatchObject({ level: 'info', logger: 'orchestrator.effects', job_id: 7 });
    expect(await line((logger) => logger.log('claimed', { job_id: 7 }))).toMatchObject({ msg: 'claimed', job_id: 7 });
  });

  test.each(['json', 'pretty'])('no secret is ever written (%s), wherever it stands', async (format) => {
    const address = `https://api.telegram.org/bot${encodeURIComponent(TOKEN)}/sendMessage`;
    const lines = await written(
      (logger) => {
        logger.log(`token ${TOKEN}`);
        logger.warn('asked', { url: address, body: JSON.stringify({ token: TOKEN }) });
        logger.error('failed', new Error(`no answer from ${TOKEN}`, { cause: new Error(TOKEN) }));
      },
      { ORCH_LOG_FORMAT: format },
    );
    const all = lines.join('');
    expect(lines).toHaveLength(3);
    expect(all).toContain('[redacted]');
    expect(all).not.toMatch(/123|token\/ä|%5Ctoken/);
  });

  test('a secret that contains another one leaves no rest', async () => {
    const secrets = { ORCH_API_TOKEN: 'abc', ORCH_TELEGRAM_BOT_TOKEN: 'abcdef' };
    const lines = await written((logger) => logger.log('is abcdef'), secrets);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: 'is [redacted]' });
  });

  test('lines below the configured level are left out', async () => {
    const write = (logger: Logger): void => {
      logger.debug('heard');
      logger.log('done');
      logger.warn('odd');
    };
    expect(await written(write)).toHaveLength(2);
    expect(await written(write, { ORCH_LOG_LEVEL: 'warn' })).toHaveLength(1);
    expect(await written(write, { ORCH_LOG_LEVEL: 'debug' })).toHaveLength(3);
  });

  test('the pretty form is one line for people: time, level, zone, sentence', async () => {
    const [text] = await written((logger) => logger.warn('the hook is missing'), { ORCH_LOG_FORMAT: 'pretty' });
    expect(text).toMatch(/^\[\d\d:\d\d:\d\d\.\d+\] WARN: orchestrator\.effects: the hook is missing\n$/);
  });
});
