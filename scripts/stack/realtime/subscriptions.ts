export interface Subscription {
  readonly id: number;
}
