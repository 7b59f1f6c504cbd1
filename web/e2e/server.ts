// A real `gatehouse serve` on a port and a folder of its own.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export const password = "correct horse battery";
export const admin = { name: "Ada Lovelace", email: "ada@example.com", password };

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

export class Server {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly output: () => string,
  ) {}

  // start serves with the options given as JSON, which YAML is, on top of what
  // makes a server quick to test.
  static async start(options: Record<string, unknown> = {}): Promise<Server> {
    const folder = mkdtempSync(join(tmpdir(), "gatehouse-e2e-"));
    const port = await freePort();
    const url = `http://localhost:${port}`;
    const config = { appName: "Acme", listen: `127.0.0.1:${port}`, baseURL: url, data: join(folder, "data"), rateLimit: { enabled: false }, ...options };
    writeFileSync(join(folder, "gatehouse.yaml"), JSON.stringify(config));
    const child = spawn(process.env.GATEHOUSE_BINARY!, ["serve", "--config", join(folder, "gatehouse.yaml")], { stdio: "pipe" });
    let output = "";
    child.stdout!.on("data", (data) => (output += data));
    child.stderr!.on("data", (data) => (output += data));
    const server = new Server(url, child, folder, () => output);
    for (let i = 0; i < 300; i++) {
      if (child.exitCode !== null) throw new Error(`the server stopped:\n${output}`);
      if (await fetch(url + "/readyz").then((r) => r.ok, () => false)) return server;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`the server does not answer:\n${output}`);
  }

  async stop() {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  // post calls an operation as the pages do.
  async post(path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.url}/api/auth${path}`, { method: "POST", headers: { "Content-Type": "application/json", Origin: this.url, ...headers }, body: JSON.stringify(body) });
  }

  // makeAdmin takes the link that a new server prints, once.
  private appointed?: Promise<void>;
  makeAdmin(): Promise<void> {
    return (this.appointed ??= this.appoint());
  }
  private async appoint() {
    const token = new URL(await this.firstAdminLink()).searchParams.get("token");
    const answer = await this.post("/first-admin", { token, ...admin });
    if (!answer.ok) throw new Error(await answer.text());
  }

  // firstAdminLink is what the server prints while nobody is an administrator.
  async firstAdminLink(): Promise<string> {
    for (let i = 0; i < 50; i++) {
      const link = /http\S+first-admin\?token=\w+/.exec(this.output())?.[0];
      if (link) return link;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error("no link for the first administrator");
  }

  // command runs `gatehouse` on the server's own data, in a folder that holds one
  // file with the given content.
  async command(file: string, content: string, ...args: string[]): Promise<string> {
    writeFileSync(join(this.folder, file), content);
    const { stdout } = await promisify(execFile)(process.env.GATEHOUSE_BINARY!, [...args, "--config", join(this.folder, "gatehouse.yaml")], { cwd: this.folder });
    return stdout;
  }

  // signUp registers somebody, where registration is open.
  async signUp(email: string, name = "Grace Hopper"): Promise<void> {
    const answer = await this.post("/sign-up/email", { name, email, password });
    if (!answer.ok) throw new Error(await answer.text());
  }

  // link is the address in the newest mail of a kind to somebody.
  async link(to: string, kind: RegExp): Promise<string> {
    for (let i = 0; i < 100; i++) {
      const mails: { to: string; text: string; kind: string }[] = await fetch(this.url + "/dev/mailbox?format=json").then((r) => r.json());
      const mail = mails.find((each) => each.to.includes(to) && kind.test(each.kind));
      const found = mail && /https?:\/\/\S+/.exec(mail.text)?.[0];
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`no mail ${kind} to ${to}`);
  }
}
