/** Page object of the plugin's query editor. */
import type { Locator, Page } from '@playwright/test';
import { selectors } from './labels.js';

const { filters } = selectors.QueryEditor;

export class QueryEditor {
  /** @param row editor of one query in a panel or in Explore */
  constructor(
    private readonly page: Page,
    readonly row: Locator,
  ) {}

  /** A select above the filters, such as Metric. */
  menu(label: string): Locator {
    return this.row.getByRole('combobox', { name: label, exact: true });
  }

  async choose(label: string, option: string): Promise<void> {
    await this.pick(this.menu(label), option);
  }

  /** Selects options of a multi-select, which stays open. */
  async add(label: string, option: string): Promise<void> {
    await this.choose(label, option);
    await this.page.keyboard.press('Escape');
  }

  /** Adds a filter, with the labels of its values. */
  async filter(dimension: string, ...values: string[]): Promise<void> {
    await this.row.getByRole('button', { name: filters.add }).click();
    await this.pick(this.row.getByTestId(filters.dimension).last(), dimension);
    for (const value of values) await this.pick(this.row.getByTestId(filters.values).last(), value);
    await this.page.keyboard.press('Escape');
  }

  private async pick(menu: Locator, option: string): Promise<void> {
    await menu.click();
    await menu.fill(option);
    await this.page
      .getByRole('option')
      .filter({ has: this.page.getByText(option, { exact: true }) })
      .first()
      .click();
  }
}
