/** Icons of @grafana/ui are fetched from Grafana at run time: tests draw an empty picture with the icon's name. */
export const cacheStore: Record<string, unknown> = Object.create(null);

const SVG_FILE_NAME = /(.+)\/(.+)\.svg$/;

export default function InlineSVG({ src }: { src: string }) {
  return (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      data-testid={src.replace(SVG_FILE_NAME, '$2')}
      viewBox="0 0 24 24"
    />
  );
}
