/** One that waited: so many whole days, until an answer came or until it was last looked at without one. */
export type Wait = { days: number; answered: boolean };

/** The waits of a group, counted by day: small whatever the size of the group. */
export class Waits {
  private readonly byDay = new Map<number, { answered: number; waiting: number }>();
  answered = 0;
  waiting = 0;

  add({ days, answered }: Wait): void {
    const day = this.byDay.get(days) ?? { answered: 0, waiting: 0 };
    if (answered) {
      day.answered += 1;
      this.answered += 1;
    } else {
      day.waiting += 1;
      this.waiting += 1;
    }
    this.byDay.set(days, day);
  }

  /** By day, from the shortest wait. */
  private get ordered() {
    return [...this.byDay].sort(([a], [b]) => a - b);
  }

  /** Half of those who answered did so within so many days (the mean of the two in the middle where they are even); null without any. */
  medianOfAnswered(): number | null {
    if (this.answered === 0) return null;
    const [low, high] = [Math.floor((this.answered - 1) / 2), Math.floor(this.answered / 2)];
    let seen = 0;
    let first: number | null = null;
    for (const [days, { answered }] of this.ordered) {
      seen += answered;
      if (first === null && seen > low) first = days;
      if (seen > high) return (first! + days) / 2;
    }
    return null;
  }

  /**
   * The share that still waits after each day on which an answer came (Kaplan and Meier, 1958): those looked at without an answer count among
   * those who wait until their last day, that day included.
   */
  stillWaiting(): { days: number; share: number }[] {
    let share = 1;
    let left = this.answered + this.waiting;
    const steps: { days: number; share: number }[] = [];
    for (const [days, { answered, waiting }] of this.ordered) {
      if (answered > 0) {
        share *= 1 - answered / left;
        steps.push({ days, share });
      }
      left -= answered + waiting;
    }
    return steps;
  }

  /** The first day after which half at most still wait; null where more than half do to the end. */
  medianOfAll(): number | null {
    // A product of fractions that is one half on paper may lie a little above it.
    return this.stillWaiting().find(({ share }) => share <= 0.5 + 1e-12)?.days ?? null;
  }
}
