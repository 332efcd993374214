import { POLICY } from '../kernel/pipeline/policy.js';
import { policyOf } from './policy.js';
import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { CONFIG } from './config.js';
import type { Config } from './config.js';

/** Gives the loaded configuration to everybody who asks for `CONFIG`, and what decisions may know of it as `POLICY`. */
@Global()
@Module({})
export class ConfigModule {
  static of(config: Config): DynamicModule {
    return {
      module: ConfigModule,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: POLICY, useValue: policyOf(config) },
      ],
      exports: [CONFIG, POLICY],
    };
  }
}
