/** The plugin's query editor, driven by its labels. */
import type { Locator, Page } from '@playwright/test';
import { selectors } from './labels.js';

const { filters } = selectors.QueryEditor;

export class QueryEditor {
  /** @param row the editor of one query of a panel, or of Explore */
  constructor(
    private readonly page: Page,
    readonly row: Locator,
  ) {}

  /** One of the menus above the filters, such as Metric. */
  menu(label: string): Locator {
    return this.row.getByRole('combobox', { name: label, exact: true });
  }

  async choose(label: string, option: string): Promise<void> {
    await this.pick(this.menu(label), option);
  }

  /** Of a menu with several choices, which stays open. */
  async add(label: string, option: string): Promise<void> {
    await this.choose(label, option);
    await this.page.keyboard.press('Escape');
  }

  /** One more filter, with values by their labels. */
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
