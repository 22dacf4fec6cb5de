const gapWidth = 0.012;

/** From time to place, from 0 to 1; gaps that are folded take the same small place each, however long they are. */
export class Scale {
  /** @type {{ from: number, to: number, x: number, w: number, isGap: boolean }[]} */ pieces = [];

  /** @param {number} from @param {number} to @param {{ from_ms: number, to_ms: number }[]} gaps */
  constructor(from, to, gaps) {
    const folded = gaps.reduce((sum, gap) => sum + gap.to_ms - gap.from_ms, 0);
    const width = Math.max(Number.EPSILON, to - from - folded);
    const share = 1 - gaps.length * gapWidth;
    let [at, x] = [from, 0];
    /** @param {number} end @param {boolean} isGap */
    const add = (end, isGap) => {
      const w = isGap ? gapWidth : ((end - at) / width) * share;
      this.pieces.push({ from: at, to: end, x, w, isGap });
      [at, x] = [end, x + w];
    };
    for (const gap of gaps) {
      add(gap.from_ms, false);
      add(gap.to_ms, true);
    }

    add(to, false);
  }

  /** @param {number} ms */
  x(ms) {
    const piece = this.pieces.find((one) => ms <= one.to) ?? this.pieces[this.pieces.length - 1];
    const within = piece.to > piece.from ? (ms - piece.from) / (piece.to - piece.from) : 0;
    return Math.min(1, Math.max(0, piece.x + piece.w * Math.max(0, Math.min(1, within))));
  }

  get gaps() {
    return this.pieces.filter((piece) => piece.isGap);
  }
}
