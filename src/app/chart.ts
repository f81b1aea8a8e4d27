/** Draws the losses over the iterations: a line for each term, on a log scale. */

export interface Point {
  iteration: number;
  term: string;
  loss: number;
}

/** @returns an SVG */
export async function lossChart(points: readonly Point[]): Promise<string> {
  // Loaded on demand, since few runs need it.
  const { parse, View } = await import('vega');
  // A log scale cannot show a loss of 0, which the content loss has at the start.
  const values = points.filter(({ loss }) => loss > 0);
  const terms = [...new Set(points.map(({ term }) => term))];
  const view = new View(
    parse({
      width: 860,
      height: 480,
      padding: 16,
      background: 'white',
      data: [{ name: 'losses', values: values as Point[] }],
      scales: [
        { name: 'x', type: 'linear', range: 'width', domain: { data: 'losses', field: 'iteration' } },
        { name: 'y', type: 'log', range: 'height', domain: { data: 'losses', field: 'loss' }, nice: true },
        { name: 'term', type: 'ordinal', domain: terms, range: { scheme: 'tableau20' } },
      ],
      axes: [
        { orient: 'bottom', scale: 'x', title: 'iteration', labelFontSize: 12, titleFontSize: 13 },
        {
          orient: 'left',
          scale: 'y',
          title: 'weighted loss',
          format: '.0e',
          grid: true,
          tickCount: 6,
          labelFontSize: 12,
          titleFontSize: 13,
          labelOverlap: true,
        },
      ],
      legends: [{ stroke: 'term', symbolType: 'stroke', symbolStrokeWidth: 3, labelFontSize: 12 }],
      marks: [
        {
          type: 'group',
          from: { facet: { name: 'lines', data: 'losses', groupby: 'term' } },
          marks: [
            {
              type: 'line',
              from: { data: 'lines' },
              encode: {
                enter: {
                  x: { scale: 'x', field: 'iteration' },
                  y: { scale: 'y', field: 'loss' },
                  stroke: { scale: 'term', field: 'term' },
                  strokeWidth: { value: 1.5 },
                },
              },
            },
          ],
        },
      ],
    }),
    { renderer: 'none' },
  );
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}
