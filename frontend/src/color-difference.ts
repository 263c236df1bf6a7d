/** Ways of seeing colour, as Machado, Oliveira and Fernandes (2009) simulate them at full severity. */
export type Vision = 'normal' | 'protan' | 'deutan' | 'tritan'

export const visions: readonly Vision[] = ['normal', 'protan', 'deutan', 'tritan']

type Triple = readonly [number, number, number]
type Matrix = readonly [Triple, Triple, Triple]

const identity: Matrix = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
]

const simulations: Record<Vision, Matrix> = {
  normal: identity,
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}

const toXyz: Matrix = [
  [0.4124564, 0.3575761, 0.1804375],
  [0.2126729, 0.7151522, 0.072175],
  [0.0193339, 0.119192, 0.9503041],
]

function times(matrix: Matrix, [a, b, c]: Triple): Triple {
  const row = ([x, y, z]: Triple) => x * a + y * b + z * c
  return [row(matrix[0]), row(matrix[1]), row(matrix[2])]
}

function linear(hex: string, at: number): number {
  const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
}

const clamp = (value: number) => Math.min(Math.max(value, 0), 1)

/** A colour (#rrggbb) in CIELAB under D65, as somebody with this vision sees it. */
export function toLab(hex: string, vision: Vision = 'normal'): Triple {
  const seen = times(simulations[vision], [linear(hex, 1), linear(hex, 3), linear(hex, 5)])
  const [x, y, z] = times(toXyz, [clamp(seen[0]), clamp(seen[1]), clamp(seen[2])])
  const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116)
  const [fx, fy, fz] = [f(x / 0.95047), f(y), f(z / 1.08883)]
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)]
}

const degrees = Math.PI / 180
const seventh = (c: number) => Math.sqrt(c ** 7 / (c ** 7 + 25 ** 7))

function hueOf(b: number, a: number): number {
  return a === 0 && b === 0 ? 0 : (Math.atan2(b, a) / degrees + 360) % 360
}

/** The difference of two CIELAB colours by CIEDE2000 (Sharma, Wu and Dalal, 2005). */
export function difference([l1, a1, b1]: Triple, [l2, a2, b2]: Triple): number {
  const g = 0.5 * (1 - seventh((Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2))
  const [x1, x2] = [a1 * (1 + g), a2 * (1 + g)]
  const [c1, c2] = [Math.hypot(x1, b1), Math.hypot(x2, b2)]
  const [h1, h2] = [hueOf(b1, x1), hueOf(b2, x2)]
  const colourless = c1 * c2 === 0
  const turn = colourless ? 0 : ((h2 - h1 + 540) % 360) - 180
  const hue = 2 * Math.sqrt(c1 * c2) * Math.sin((turn / 2) * degrees)
  const meanL = (l1 + l2) / 2
  const meanC = (c1 + c2) / 2
  const meanH = colourless ? h1 + h2 : (h1 + turn / 2 + 360) % 360
  const cos = (factor: number, shift: number) => Math.cos((factor * meanH + shift) * degrees)
  const t = 1 - 0.17 * cos(1, -30) + 0.24 * cos(2, 0) + 0.32 * cos(3, 6) - 0.2 * cos(4, -63)
  const sl = 1 + (0.015 * (meanL - 50) ** 2) / Math.sqrt(20 + (meanL - 50) ** 2)
  const [dl, dc, dh] = [(l2 - l1) / sl, (c2 - c1) / (1 + 0.045 * meanC), hue / (1 + 0.015 * meanC * t)]
  const rotation = 60 * Math.exp(-(((meanH - 275) / 25) ** 2))
  const rt = -2 * seventh(meanC) * Math.sin(rotation * degrees)
  return Math.sqrt(dl * dl + dc * dc + dh * dh + rt * dc * dh)
}
