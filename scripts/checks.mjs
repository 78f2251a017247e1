/** Runs and counts the checks of a script, and prints the final line that CI reads. */
export class Checks {
  #passed = 0;
  #failed = 0;
  #skipped = 0;
  #required = 0;

  /**
   * Runs one check, which throws if there is a problem.
   * @param {string} name
   * @param {() => unknown} check
   */
  async run(name, check) {
    try {
      await check();
      this.#passed += 1;
    } catch (error) {
      this.#failed += 1;
      console.error(
        `FAILED ${name}\n  ${String(error?.message ?? error)
          .trim()
          .replaceAll('\n', '\n  ')}`,
      );
    }
  }

  /**
   * Reports a check that was skipped. With `required`, skipping it is a failure in CI.
   * @param {string} name
   * @param {string} reason
   * @param {{ required?: boolean }} [options]
   */
  skip(name, reason, { required = true } = {}) {
    this.#skipped += 1;
    if (required) this.#required += 1;
    console.log(`SKIPPED ${name}: ${reason}`);
  }

  /** Prints the counts and sets the exit code. */
  finish() {
    const inCi = process.env.CI === 'true';
    if (inCi && this.#required > 0) console.error(`${this.#required} skipped checks are required in CI`);
    const skipped = this.#skipped > 0 ? `, ${this.#skipped} skipped` : '';
    console.log(`${this.#passed} passed, ${this.#failed} failed${skipped}`);
    if (this.#failed > 0 || (inCi && this.#required > 0)) process.exitCode = 1;
  }
}

/** Throws an error with all problems, if there are any. */
export function expectNone(problems) {
  if (problems.length > 0) throw new Error(problems.join('\n'));
}
