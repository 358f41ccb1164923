// A certified OpenID provider by somebody else (npm oidc-provider) on this machine, for the tests of single sign-on.
// Arguments: where the library lies, the port, our own address for its answer. Any password is right there; whoever
// signs in as "unproven..." has a mail address that was not verified.
const [library, port, back] = process.argv.slice(2);
const { Provider } = await import(library);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "pump-line", client_secret: "a secret: of+the tests", redirect_uris: [back] }],
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  cookies: { keys: ["only for tests"] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@lakeside.example`, email_verified: !id.startsWith("unproven") }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("the provider listens"));
