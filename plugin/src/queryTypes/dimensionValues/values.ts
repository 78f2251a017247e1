import { FieldType, type DataFrame } from '@grafana/data';
import type { DimensionValue } from '../../api/types';

/** Grafana reads the options of a variable from the fields `text` and `value`. */
export function valueFrames(refId: string, values: DimensionValue[]): DataFrame[] {
  return [
    {
      refId,
      length: values.length,
      meta: { preferredVisualisationType: 'table' },
      fields: [
        { name: 'text', type: FieldType.string, config: {}, values: values.map(({ label }) => label) },
        { name: 'value', type: FieldType.string, config: {}, values: values.map(({ value }) => value) },
      ],
    },
  ];
}
