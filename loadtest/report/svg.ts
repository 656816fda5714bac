import { BarChart, type BarSeriesOption, LineChart, type LineSeriesOption } from "echarts/charts"
import {
  GridComponent,
  type GridComponentOption,
  MarkLineComponent,
  type MarkLineComponentOption,
  TitleComponent,
  type TitleComponentOption,
} from "echarts/components"
import { type ComposeOption, init, use } from "echarts/core"
import { LabelLayout } from "echarts/features"
import { SVGRenderer } from "echarts/renderers"

use([BarChart, LineChart, GridComponent, MarkLineComponent, TitleComponent, LabelLayout, SVGRenderer])

/** A chart as ECharts takes it. */
export type ChartOption = ComposeOption<
  BarSeriesOption | LineSeriesOption | GridComponentOption | MarkLineComponentOption | TitleComponentOption
>

/** The size of a chart in pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/**
 * Renders a chart as an SVG document on a white background. ECharts needs no browser and no DOM for this, and it brings two
 * packages; Vega would bring 75, and Observable Plot needs a DOM.
 */
export function renderSvg({ width, height }: Size, option: ChartOption): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height })
  try {
    chart.setOption({ animation: false, backgroundColor: "white", textStyle: { fontFamily: "sans-serif" }, ...option })
    return `${chart.renderToSVGString()}\n`
  } finally {
    chart.dispose()
  }
}

/** A title and a smaller line below it, at the top left. */
export const titleOf = (title: string, subtitle: string): TitleComponentOption => ({
  text: title,
  subtext: subtitle,
  left: 8,
  top: 6,
  itemGap: 6,
  textStyle: { fontSize: 16 },
  subtextStyle: { fontSize: 13 },
})
