/** Of @grafana/data what the plugin's queries need: its own files, each by itself. */
export { LoadingState } from '@grafana/data/dist/esm/types/data.mjs';
export { FieldType } from '@grafana/data/dist/esm/types/dataFrame.mjs';
export { DataFrameType } from '@grafana/data/dist/esm/types/dataFrameTypes.mjs';
export { MappingType } from '@grafana/data/dist/esm/types/valueMapping.mjs';
export { textUtil } from '@grafana/data/dist/esm/text/sanitize.mjs';
