/** Writes the dashboards as JSON or, with `--check`, compares them with the committed files. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { generatedFiles } from './files.js';

const files = await generatedFiles();
const name = (path: string) => relative(process.cwd(), path);

if (process.argv.includes('--check')) {
  let stale = 0;
  for (const { path, text } of files) {
    const committed = await readFile(path, 'utf8').catch(() => '');
    if (committed !== text) {
      stale += 1;
      console.error(createTwoFilesPatch(name(path), `${name(path)} (generated)`, committed, text));
    }
  }
  if (stale > 0) {
    console.error(`${stale} of ${files.length} dashboards are out of date; run npm run build -w dashboards`);
    process.exitCode = 1;
  } else {
    console.log(`${files.length} dashboards are up to date`);
  }
} else {
  for (const { path, text } of files) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    console.log(name(path));
  }
}
