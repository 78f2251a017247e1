import fs from 'fs';
import path from 'path';
import process from 'process';
import { SOURCE_DIR } from './constants.ts';

function loadJson(...segments: string[]) {
  return JSON.parse(fs.readFileSync(path.resolve(process.cwd(), ...segments), 'utf8'));
}

export function getPackageJson(): { version: string } {
  return loadJson('package.json');
}

export function getPluginJson(): { id: string; includes: Array<{ type: string; path: string }> } {
  return loadJson(SOURCE_DIR, 'plugin.json');
}

/** The version of create-plugin whose scaffold this configuration follows; Grafana's plugin validator reads it. */
export function getCPConfigVersion(): string {
  return loadJson('.config', '.cprc.json').version;
}
