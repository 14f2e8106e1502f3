/** URL of the icon sprite that the build makes; see build/sprite.ts. */
declare module 'virtual:sprite' {
  const url: string;
  export default url;
}
