// What anywidget gives to each of these scripts, for the checker alone: no browser ever loads this file.

/** The Python widget as the page knows it. */
export interface Model {
  get(trait: string): any;
  set(trait: string, value: unknown): void;
  save_changes(): void;
  on(event: string, handler: (...args: any[]) => void): void;
  off(event: string, handler: (...args: any[]) => void): void;
  send(message: object, callbacks?: object, buffers?: ArrayBuffer[]): void;
}

/** The model and the place where it is drawn. */
export interface View {
  model: Model;
  el: HTMLElement;
}
