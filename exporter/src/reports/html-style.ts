/**
 * How a report looks. Colours stand in `style` attributes, since some mail programs drop the style sheet; the sheet has
 * what depends on the reader: dark colours, and one column on a phone.
 */
export const FONT = "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";

export const COLOUR = {
  page: '#f3f4f6',
  card: '#ffffff',
  text: '#1c2430',
  faint: '#5b6673',
  line: '#dde1e6',
  link: '#1a5fb4',
  good: '#1a7f37',
  bad: '#b42318',
  bar: '#4c8fd9',
} as const;

/** The same by class, where the reader wants it dark. */
const DARK: Record<keyof typeof COLOUR, string> = {
  page: '#0f1216',
  card: '#181c22',
  text: '#e6e9ee',
  faint: '#a3adb9',
  line: '#313842',
  link: '#7fb6f5',
  good: '#57c777',
  bad: '#ff8a7a',
  bar: '#4c8fd9',
};

const dark = (selector: string): string =>
  [
    `.page{background-color:${DARK.page}!important}`,
    `.card{background-color:${DARK.card}!important;border-color:${DARK.line}!important}`,
    `.text{color:${DARK.text}!important}`,
    `.faint{color:${DARK.faint}!important}`,
    `.link{color:${DARK.link}!important}`,
    `.good{color:${DARK.good}!important}`,
    `.bad{color:${DARK.bad}!important}`,
    `.line{border-color:${DARK.line}!important}`,
    `.button{background-color:${DARK.link}!important;color:${DARK.page}!important}`,
  ]
    .map((rule) => `${selector}${rule}`)
    .join('');

export const STYLE = [
  ':root{color-scheme:light dark;supported-color-schemes:light dark}',
  'body{margin:0;padding:0;-webkit-text-size-adjust:100%}',
  'img{border:0}',
  `@media (prefers-color-scheme: dark){${dark('')}}`,
  // Outlook on the web marks what it has darkened itself.
  dark('[data-ogsc] '),
  '@media (max-width:599px){',
  '.outer{padding:0!important}',
  '.card{border-left:0!important;border-right:0!important;border-radius:0!important}',
  '.inner{padding-left:16px!important;padding-right:16px!important}',
  '.figure{width:50%!important}',
  '.figure .value{font-size:20px!important}',
  // Rows become blocks: the name, and its figures with their titles below it.
  '.rows,.rows tbody,.rows tr{display:block!important;width:100%!important}',
  '.rows thead{display:none!important}',
  '.rows tr{padding:8px 0!important;border-bottom:1px solid #8a929c55}',
  '.rows td{border:0!important;padding:2px 0!important}',
  '.rows td.name{display:block!important;max-width:none!important;font-weight:600!important}',
  '.rows td.cell{display:flex!important;justify-content:space-between!important;text-align:right!important}',
  '.rows .label{display:inline!important}',
  '.bar{display:none!important}',
  '}',
].join('');
