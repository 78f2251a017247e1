import type { DataFrame } from '@grafana/data';
import { tableOf } from '../../frames/columns';
import { listColumns } from '../../frames/executions';
import { MAX_EXECUTIONS, type ExecutionList } from './list';

export function executionListFrames(
  refId: string,
  { items, cutFrom }: ExecutionList,
  datasourceUid: string,
): DataFrame[] {
  const text =
    cutFrom !== undefined &&
    `Showing ${MAX_EXECUTIONS} of ${cutFrom} executions, the maximum of a list. Add filters to see the others.`;
  const notices = text ? [{ severity: 'warning' as const, text }] : [];
  return tableOf(refId, items, listColumns(items, datasourceUid), notices);
}
