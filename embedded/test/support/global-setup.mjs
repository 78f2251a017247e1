import { removeLeftoverDataDirs } from '../../src/index.ts';
import { PREFIX } from './servers.ts';

/** Cleans up after a test run that was killed. */
export default () => removeLeftoverDataDirs(PREFIX);
