import { pino, stdTimeFunctions, stdSerializers, type DestinationStream, type Logger } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from '../config/config.js';
import { redactorOf, secretsOf } from '../config/secrets.js';

export type Log = Logger;

export const LOG = Symbol('Log');

/** Every line of the process goes through here, so that a secret is taken out in one place, whoever let it slip in. */
export function createLog(config: Config, output: DestinationStream = standardOutput()): Log {
  const redacted = redactorOf(secretsOf(config));
  const destination = config.log.format === 'pretty' ? prettyOn(output) : output;
  return pino(
    {
      level: config.log.level,
      base: {},
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: stdSerializers.errWithCause },
    },
    { write: (line) => destination.write(redacted(line)) },
  );
}

/** Synchronous: the last words of a process that dies are the ones that are needed. */
function standardOutput(): DestinationStream {
  return { write: (line) => void process.stdout.write(line) };
}

function prettyOn(output: DestinationStream): DestinationStream {
  const format = pretty.prettyFactory({
    colorize: process.stdout.isTTY && !process.env['NO_COLOR'],
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'logger,type,position,task_id,actor',
    messageFormat: '{logger}: {msg}',
    singleLine: true,
  });
  return { write: (line) => void output.write(format(line)) };
}
