import { ImportReport } from '../../src/cli/import-report.js';

const NOW = Date.UTC(2026, 2, 18, 12);
const TOTALS = { accepted: 0, duplicates: 0, rejected: 1 };
const tooOld = { index: 0, code: 'EVENT_TOO_OLD', message: 'too old' } as const;

function reportOfOld(occurredAt: string): ImportReport {
  const report = new ImportReport('line');
  report.addRejected('line 1', tooOld, { occurredAt });
  return report;
}

describe('the report of an import', () => {
  it('recommends a RETENTION_DAYS that includes the oldest event', () => {
    const lines = reportOfOld('2026-03-08T00:00:00Z').lines(TOTALS, NOW, -Infinity);
    expect(lines).toContain(
      '  The oldest is from 2026-03-08. Set RETENTION_DAYS=12 for the import and the exporter to accept them.',
    );
  });

  it('recommends nothing if the months of the events have already been dropped', () => {
    const lines = reportOfOld('2026-03-08T00:00:00Z').lines(TOTALS, NOW, Date.UTC(2026, 2, 10));
    expect(lines).toContain(
      '  The oldest is from 2026-03-08. Data from before 2026-03-10 has already been dropped and cannot be imported.',
    );
  });

  it('shows no control characters of lines and file names', () => {
    const report = new ImportReport('line');
    report.addBroken('a\u001b]0;title\u0007.log line 1', 'not "\u001b[2J\u009b31mred\r\u202ereversed"');
    report.addRejected('line 2', { code: 'VALIDATION_ERROR', message: 'no \u0000\t' }, {});
    const lines = report.lines(TOTALS, NOW, -Infinity);
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(lines).toContain(
      '  a\\u{1b}]0;title\\u{7}.log line 1: not "\\u{1b}[2J\\u{9b}31mred\\u{d}\\u{202e}reversed"',
    );
    expect(lines).toContain('  line 2: no \\u{0}\\t');
  });

  it('is a failure if nothing could be imported, and incomplete if a part was refused', () => {
    const report = new ImportReport('row');
    expect(report.exitCode({ accepted: 0, duplicates: 0, rejected: 0 })).toBe(0);
    report.read = 3;
    expect(report.exitCode({ accepted: 0, duplicates: 0, rejected: 3 })).toBe(1);
    expect(report.exitCode({ accepted: 0, duplicates: 1, rejected: 2 })).toBe(3);
  });
});
