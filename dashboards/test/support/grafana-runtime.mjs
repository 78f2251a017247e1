/** Of @grafana/runtime what the plugin's queries need: its own files, each by itself. */
export {
  getBackendSrv,
  isFetchError,
  setBackendSrv,
} from '@grafana/runtime/dist/esm/services/backendSrv.mjs';
export { getTemplateSrv, setTemplateSrv } from '@grafana/runtime/dist/esm/services/templateSrv.mjs';
