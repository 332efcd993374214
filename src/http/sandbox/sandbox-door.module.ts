import { Module, type DynamicModule } from '@nestjs/common';
import { SANDBOX_DESK, SandboxController, type SandboxDesk } from './sandbox.controller.js';

@Module({})
export class SandboxDoorModule {
  static at(desk: SandboxDesk): DynamicModule {
    return {
      module: SandboxDoorModule,
      controllers: [SandboxController],
      providers: [{ provide: SANDBOX_DESK, useValue: desk }],
    };
  }
}
