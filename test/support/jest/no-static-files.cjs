'use strict';

/** Stands where Jest cannot load `@fastify/static`: a server that serves no files has no use for it. */
module.exports = async function noStaticFiles() {};
