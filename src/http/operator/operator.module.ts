import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { Operator } from './operator.js';
import { SerialGateController } from './serial-gate.controller.js';
import { TasksController } from './tasks.controller.js';

/** What people may change by hand. The token is asked for by the HTTP door, before this one. */
@Module({
  imports: [CqrsModule],
  controllers: [SerialGateController, TasksController],
  providers: [Operator],
})
export class OperatorModule {}
