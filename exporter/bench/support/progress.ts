/** One line on a terminal that is written over; elsewhere a line a bench. */
export class Progress {
  private readonly terminal = process.stderr.isTTY;
  private at = 0;
  private name = '';
  private began = Date.now();

  constructor(private readonly of: number) {}

  next(name: string): void {
    if (this.at > 0) this.finish();
    this.at += 1;
    this.name = name;
    this.began = Date.now();
    if (!this.terminal) process.stderr.write(`[${this.at}/${this.of}] ${name}\n`);
  }

  show(text: string): void {
    if (!this.terminal) return;
    const head = this.at === 0 ? '' : `[${this.at}/${this.of}] ${this.name}: `;
    process.stderr.write(`\r\u001b[K${(head + text).slice(0, process.stderr.columns - 1)}`);
  }

  end(): void {
    if (this.at > 0) this.finish();
  }

  private finish(): void {
    const line = `[${this.at}/${this.of}] ${this.name}: ${Math.round((Date.now() - this.began) / 1000)} s`;
    process.stderr.write(this.terminal ? `\r\u001b[K${line}\n` : `${line}\n`);
  }
}
