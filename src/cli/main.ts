#!/usr/bin/env node
import { carryOut } from './program.js';

/** `… | head` has seen enough. */
function endQuietly(error: NodeJS.ErrnoException): void {
  process.exit(error.code === 'EPIPE' ? 0 : 3);
}

process.stdout.on('error', endQuietly);
process.exitCode = await carryOut(process.argv.slice(2));
