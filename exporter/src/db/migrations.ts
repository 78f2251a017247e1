import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A problem with the migrations. The message is one line and names the file. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

export interface Migration {
  version: number;
  name: string;
  file: string;
  sql: string;
  /** SHA-256 in hex. Line endings make no difference. */
  checksum: string;
  /** False if the first line is `-- no-transaction`. */
  transaction: boolean;
}

const FILE_NAME = /^(\d{4})_([a-z0-9_]+)\.sql$/;

/** The migrations of a directory in order. @throws MigrationError for an invalid name or a duplicate version */
export function readMigrations(dir: string): Migration[] {
  const names = readdirSync(dir).filter((name) => name.endsWith('.sql'));
  const migrations = names.sort().map((file): Migration => {
    const [, version, name] = FILE_NAME.exec(file) ?? [];
    if (!version || !name) throw new MigrationError(`${file} is not named NNNN_name.sql`);
    const sql = readFileSync(path.join(dir, file), 'utf8').replaceAll('\r\n', '\n');
    const checksum = createHash('sha256').update(sql).digest('hex');
    return {
      version: Number(version),
      name,
      file,
      sql,
      checksum,
      transaction: !/^--\s*no-transaction\s*\n/.test(sql),
    };
  });
  migrations.forEach((migration, index) => {
    const previous = migrations[index - 1];
    if (previous?.version === migration.version) {
      throw new MigrationError(`${previous.file} and ${migration.file} have the same version`);
    }
  });
  return migrations;
}

/** Strings, names, comments and bodies, which can contain semicolons, and the semicolon that ends a statement. */
const TOKEN =
  /[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|(\$\w*\$)[\s\S]*?\1|;/g;

/** The statements of a file with their offsets, without empty statements and comments. */
export function splitStatements(sql: string): { text: string; offset: number }[] {
  const ends = [...sql.matchAll(TOKEN)].filter(([token]) => token === ';').map(({ index }) => index + 1);
  const starts = [0, ...ends];
  return starts.flatMap((start, index) => {
    const piece = sql.slice(start, ends[index] ?? sql.length);
    const bare = piece.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, '').replace(/;\s*$/, '');
    if (bare.trim() === '') return [];
    const blank = /^(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)*/.exec(piece)?.[0].length ?? 0;
    return [{ text: piece.slice(blank), offset: start + blank }];
  });
}
