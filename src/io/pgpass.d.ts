declare module 'pgpass' {
  type Where = {readonly host: string; readonly port: number; readonly database: string; readonly user: string};
  function pgpass(where: Where, done: (password?: string) => void): void;
  namespace pgpass {
    function warnTo(stream: NodeJS.WritableStream): void;
  }
  export = pgpass;
}
