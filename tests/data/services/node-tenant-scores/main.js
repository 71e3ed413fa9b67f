'use strict';
// Flats to let: offers, and applications with a credit report.
require('reflect-metadata');
const { Body, Controller, Get, HttpCode, Module, Param, Post, Query } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { FlatsService, BureauService, ApplicationsService } = require('./tenancy');

/** Decorators without a compiler: on the class, and on its methods with their parameters. */
function decorate(target, onClass, methods = {}) {
  for (const [name, { on, params = [] }] of Object.entries(methods)) {
    params.forEach((decorator, index) => decorator(target.prototype, name, index));
    const descriptor = Object.getOwnPropertyDescriptor(target.prototype, name);
    for (const decorator of on) decorator(target.prototype, name, descriptor);
  }
  for (const decorator of onClass) decorator(target);
  return target;
}

class FlatsController {
  constructor(flats, applications) {
    this.flats = flats;
    this.applications = applications;
  }

  list(query) {
    return this.flats.offered({ rooms: Number(query.rooms ?? 1), below: Number(query.below ?? Infinity) });
  }

  one(id) {
    return this.flats.find(id);
  }

  apply(id, application) {
    return this.applications.apply(id, application ?? {});
  }
}
decorate(FlatsController, [Controller('flats')], {
  list: { on: [Get()], params: [Query()] },
  one: { on: [Get(':id')], params: [Param('id')] },
  apply: { on: [Post(':id/applications'), HttpCode(201)], params: [Param('id'), Body()] },
});
Reflect.defineMetadata('design:paramtypes', [FlatsService, ApplicationsService], FlatsController);

class HealthController {
  health() {
    return { status: 'up' };
  }
}
decorate(HealthController, [Controller()], { health: { on: [Get('health')] } });

class AppModule {}
decorate(AppModule, [Module({
  controllers: [FlatsController, HealthController],
  providers: [
    FlatsService,
    BureauService,
    {
      provide: ApplicationsService,
      useFactory: (flats, bureau) => new ApplicationsService(flats, bureau),
      inject: [FlatsService, BureauService],
    },
  ],
})]);

async function start() {
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  app.enableShutdownHooks();
  await app.listen(Number(process.env.PORT), '127.0.0.1');
}

start();
