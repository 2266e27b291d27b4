declare module 'asciichart' {
  function plot(series: number[], config?: {readonly height?: number; readonly format?: (n: number) => string}): string;
  const asciichart: {readonly plot: typeof plot};
  export = asciichart;
}
