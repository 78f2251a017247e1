/** Renders reports with the pictures of their charts. A report without pictures is better than none. */
import type { DatabaseLog } from '../db/log.js';
import { messageOf } from '../errors.js';
import type { MessageContent } from '../outbox/messages.js';
import { CHART_WIDTH, chartSvg } from './chart-svg.js';
import type { ReportContent } from './content.js';
import { htmlOf } from './html.js';
import { messageContent } from './message.js';
import { PngThread } from './png-thread.js';

/** Pixels of a picture for each that is laid out, for screens with many. */
const DENSITY = 2;

export class Renderer {
  private readonly thread = new PngThread();

  constructor(private readonly log: Pick<DatabaseLog, 'warn'>) {}

  /** For a browser: pictures are in the page. */
  async page(content: ReportContent): Promise<string> {
    const pictures = await this.pictures(content);
    return htmlOf(content, (place) => {
      const png = pictures[place];
      return png && `data:image/png;base64,${png.toString('base64')}`;
    });
  }

  async message(content: ReportContent): Promise<MessageContent> {
    return messageContent(content, await this.pictures(content));
  }

  async close(): Promise<void> {
    await this.thread.close();
  }

  private pictures({ charts }: ReportContent): Promise<(Buffer | undefined)[]> {
    return Promise.all(
      charts.map(async (chart) => {
        try {
          return await this.thread.draw(chartSvg(chart), CHART_WIDTH * DENSITY);
        } catch (error) {
          this.log.warn({ error: messageOf(error) }, 'a chart of a report is left out');
          return undefined;
        }
      }),
    );
  }
}
