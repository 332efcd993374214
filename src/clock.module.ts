import { Global, Module } from '@nestjs/common';
import { CLOCK, type Clock } from './kernel/clock.js';

const SYSTEM_CLOCK: Clock = { now: () => Date.now() };

/** The one place that reads the machine's time; a test puts another clock here. */
@Global()
@Module({ providers: [{ provide: CLOCK, useValue: SYSTEM_CLOCK }], exports: [CLOCK] })
export class ClockModule {}
