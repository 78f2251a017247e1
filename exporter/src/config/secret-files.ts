/** Secrets from files, as Docker and Kubernetes mount them, and names of settings that nobody reads. */
import { readFileSync } from 'node:fs';
import { ConfigError, errorCode } from '../errors.js';

export type Environment = Readonly<Record<string, string | undefined>>;

interface Named {
  name: string;
  /** If true, `<NAME>_FILE` can name a file with the value instead. */
  secret: boolean;
}

/** The text of a setting, without white space around it, and the name of the variable that it comes from. */
export interface SettingText {
  from: string;
  text: string;
}

export const fileVariable = (name: string): string => `${name}_FILE`;

/**
 * An empty value counts as unset, because Docker Compose passes unset variables as empty ones.
 * @throws ConfigError if both the secret and its file are given, or if the file cannot be read or is empty
 */
export function readSetting({ name, secret }: Named, env: Environment): SettingText | undefined {
  const text = env[name]?.trim() ?? '';
  const from = fileVariable(name);
  const path = secret ? (env[from]?.trim() ?? '') : '';
  if (path === '') return text === '' ? undefined : { from: name, text };
  if (text !== '') throw new ConfigError(from, `${name} is set as well; set one of them`);
  return { from, text: contentOf(path, from) };
}

/** The message has the path and never the content. */
function contentOf(path: string, from: string): string {
  let content: string;
  try {
    content = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new ConfigError(from, `the file ${path} cannot be read (${errorCode(error) ?? 'unknown error'})`);
  }
  if (content === '') throw new ConfigError(from, `the file ${path} is empty`);
  return content;
}
