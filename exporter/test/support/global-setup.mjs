import { compile } from './compiled.ts';
import { chooseSeed } from './seed.ts';
import { startTestServer } from './server.ts';

export default async function setUp() {
  chooseSeed();
  compile();
  await startTestServer();
}
