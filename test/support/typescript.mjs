/** `node --import` this file to run a TypeScript source as it is; for the processes that tests start. */
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
